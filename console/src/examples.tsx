import { DropdownMenu, useGraphiQL, useGraphiQLActions, type TabsState } from '@graphiql/react';
import type { Example } from './config';
import { textIn, type Language } from './texts';

type Tab = Pick<TabsState['tabs'][number], 'query' | 'title' | 'operationName'>;

/** Where GraphiQL keeps its tabs and the contents of the editors. */
const TABS = 'graphiql:tabState';
const QUERY = 'graphiql:query';
const VARIABLES = 'graphiql:variables';

const operationNameIn = (query: string): string | null => /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? null;

/**
 * Gives tabs that hold an example, edited or not, the example's name for a title. GraphiQL has no title to be set: it
 * takes the operation's name whenever a tab changes, but tells of the change before the tabs are shown.
 */
export function nameTabs(tabs: readonly Tab[], examples: readonly Example[]): void {
  for (const tab of tabs) {
    if (!tab.query) continue;
    const operation = operationNameIn(tab.query);
    const example =
      examples.find(({ query }) => query === tab.query) ??
      examples.find(({ query }) => operation !== null && operationNameIn(query) === operation);
    if (example) tab.title = example.name;
  }
}

/**
 * Before GraphiQL starts: stores the examples as the first tabs, or names the tabs that are stored. The editors' contents
 * are stored along with them because GraphiQL starts with the first default tab's operation but without its variables.
 */
export function prepareTabs(examples: readonly Example[]): void {
  try {
    const stored = localStorage.getItem(TABS);
    if (stored) {
      const state = JSON.parse(stored) as TabsState;
      nameTabs(state.tabs, examples);
      localStorage.setItem(TABS, JSON.stringify(state));
    } else if (examples[0]) {
      const tabs = examples.map(({ name, query, variables }, index) => ({
        id: `example-${index}`,
        title: name,
        query,
        variables,
        headers: null,
        operationName: operationNameIn(query),
        response: null,
        hash: null,
      }));
      localStorage.setItem(TABS, JSON.stringify({ activeTabIndex: 0, tabs }));
      localStorage.setItem(QUERY, examples[0].query);
      if (examples[0].variables) localStorage.setItem(VARIABLES, examples[0].variables);
      else localStorage.removeItem(VARIABLES);
    }
  } catch {
    // Without storage, or with a state that is not one, GraphiQL starts from its default tabs.
  }
}

/** The menu that opens an example in a tab of its own. */
export function ExamplesMenu({ examples, language }: { examples: readonly Example[]; language: Language }) {
  const { addTab, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  if (!examples.length) return null;

  const open = ({ query, variables }: Example) => {
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
          <DropdownMenu.Item key={example.name} onSelect={() => open(example)}>
            <span>{example.title}</span>
            <code>{example.name}</code>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu>
  );
}
