import { DropdownMenu, useGraphiQL, useGraphiQLActions, type TabsState } from '@graphiql/react';
import type { Client } from './client';
import type { Example } from './config';
import { fill } from './fill';
import { textIn, type Language } from './texts';

type Tab = Pick<TabsState['tabs'][number], 'query' | 'title'>;

/** Where GraphiQL keeps its tabs and the contents of the editors. */
const TABS = 'graphiql:tabState';
const QUERY = 'graphiql:query';
const VARIABLES = 'graphiql:variables';

const operationNameIn = (query: string): string | null =>
  /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? null;

const titleIn = (language: Language, { title, titleZh }: Example): string => (language === 'zh-CN' ? titleZh : title);

const variablesText = (variables: Example['variables']): string | null =>
  Object.keys(variables).length ? JSON.stringify(variables, null, 2) : null;

/** The examples that the page opens with, as GraphiQL takes its tabs. */
export const firstTabs = (examples: readonly Example[]): { query: string; variables: string | null }[] =>
  examples.filter(({ tab }) => tab).map(({ query, variables }) => ({ query, variables: variablesText(variables) }));

/**
 * Gives tabs that hold an example, edited or not, the example's title. GraphiQL has no title to be set: it takes the
 * operation's name whenever a tab changes, but tells of the change before the tabs are shown.
 */
export function nameTabs(tabs: readonly Tab[], examples: readonly Example[], language: Language): void {
  for (const tab of tabs) {
    const name = tab.query && operationNameIn(tab.query);
    const example = examples.find(({ operation }) => operation === name);
    if (example) tab.title = titleIn(language, example);
  }
}

/**
 * Before GraphiQL starts: stores the first tabs, or names those that are stored. The editors' contents are stored along
 * with them because GraphiQL starts with the first default tab's operation but without its variables.
 */
export function prepareTabs(examples: readonly Example[], language: Language): void {
  try {
    const stored = localStorage.getItem(TABS);
    const state: TabsState = stored
      ? (JSON.parse(stored) as TabsState)
      : {
          activeTabIndex: 0,
          tabs: firstTabs(examples).map(({ query, variables }, index) => ({
            id: `example-${index}`,
            title: '',
            query,
            variables,
            headers: null,
            operationName: operationNameIn(query),
            response: null,
            hash: '',
          })),
        };
    const [first] = state.tabs;
    if (!first) return;
    nameTabs(state.tabs, examples, language);
    localStorage.setItem(TABS, JSON.stringify(state));
    if (stored) return;
    localStorage.setItem(QUERY, first.query ?? '');
    if (first.variables) localStorage.setItem(VARIABLES, first.variables);
    else localStorage.removeItem(VARIABLES);
  } catch {
    // Without storage, or with a state that is not one, GraphiQL starts from its default tabs.
  }
}

/** The menu that opens an example in a tab of its own. */
export function ExamplesMenu({
  examples,
  language,
  client,
}: {
  examples: readonly Example[];
  language: Language;
  client: Client;
}) {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  if (!examples.length) return null;

  const open = async (example: Example) => {
    const { query, lookup } = example;
    const variables = variablesText(fill(example, lookup === null ? null : await client.find(lookup)));
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables ?? '');
    updateActiveTabValues({ query, variables, operationName: operationNameIn(query) });
  };
  return (
    <DropdownMenu>
      <DropdownMenu.Button className="examples-button">{textIn(language, 'examples')}</DropdownMenu.Button>
      <DropdownMenu.Content align="end" className="examples-menu">
        {examples.map((example) => (
          <DropdownMenu.Item key={example.operation} onSelect={() => void open(example)}>
            <span>{titleIn(language, example)}</span>
            <code>{example.operation}</code>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
