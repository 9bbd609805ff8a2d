import './workers';
import 'graphiql/style.css';
import './style.css';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar';
import { Client, type ClientState } from './client';
import { readConfig, type ConsoleConfig } from './config';
import { ExamplesMenu, firstTabs, nameTabs, prepareTabs } from './examples';

/** Reads the schema again when who asks has changed and there is none yet: not everybody may be shown it. */
function SchemaForAnother({ signedIn }: Pick<ClientState, 'signedIn'>) {
  const { introspect } = useGraphiQLActions();
  const hasSchema = useGraphiQL((state) => Boolean(state.schema));
  const token = signedIn?.accessToken;
  const asked = useRef(token);
  useEffect(() => {
    // Only when the person changes: a failed attempt must not start the next one.
    if (token && token !== asked.current && !hasSchema) void introspect();
    asked.current = token;
  }, [token, hasSchema, introspect]);
  return null;
}

/** What GraphiQL's editors lack: titles in the language of the page, a tab in sight, broken lines, the system's theme. */
function Editors({ language }: Pick<ClientState, 'language'>) {
  const { setTheme, updateActiveTabValues } = useGraphiQLActions();
  const activeTab = useGraphiQL((state) => state.activeTabIndex);
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const theme = useGraphiQL((state) => state.theme);
  useEffect(() => {
    updateActiveTabValues({});
  }, [language, updateActiveTabValues]);
  useEffect(() => {
    document.querySelector('.graphiql-tab-active')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [activeTab]);
  useEffect(() => {
    if (theme !== null) return;
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
  useEffect(() => {
    queryEditor?.updateOptions({ wordWrap: 'on' });
  }, [queryEditor]);
  return null;
}

function Page({ client, config }: { client: Client; config: ConsoleConfig }) {
  const state = useSyncExternalStore(client.subscribe, client.snapshot);
  const { language, signedIn } = state;
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const { examples } = config;
  return (
    <>
      <Bar client={client} state={state} config={config} />
      <main>
        <GraphiQL
          fetcher={client.fetcher}
          defaultTabs={examples.length ? firstTabs(examples) : undefined}
          defaultEditorToolsVisibility={innerWidth > 700 ? 'variables' : false}
          onTabChange={({ tabs }) => nameTabs(tabs, examples, client.snapshot().language)}
        >
          <GraphiQL.Logo>
            <ExamplesMenu examples={examples} language={language} client={client} />
          </GraphiQL.Logo>
          <SchemaForAnother signedIn={signedIn} />
          <Editors language={language} />
        </GraphiQL>
      </main>
    </>
  );
}

const root = createRoot(document.getElementById('root')!);
try {
  const config = await readConfig();
  const client = new Client(config);
  prepareTabs(config.examples, client.snapshot().language);
  root.render(<Page client={client} config={config} />);
} catch (error) {
  root.render(
    <p className="failed" role="alert">
      页面配置无法读取。 The configuration of this page cannot be read. ({(error as Error).message})
    </p>,
  );
}
