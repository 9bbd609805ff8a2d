import './workers';
import 'graphiql/style.css';
import './style.css';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar';
import { Client, type ClientState } from './client';
import { readConfig, type ConsoleConfig } from './config';
import { ExamplesMenu, nameTabs, prepareTabs } from './examples';

/** Reads the schema again when who asks has changed and there is none yet: not everybody may be shown it. */
function SchemaForAnother({ signedIn }: Pick<ClientState, 'signedIn'>) {
  const { introspect } = useGraphiQLActions();
  const hasSchema = useGraphiQL((state) => Boolean(state.schema));
  const token = signedIn?.accessToken;
  useEffect(() => {
    if (token && !hasSchema) void introspect();
    // Only when the person changes: a failed attempt must not start the next one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [token]);
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
          defaultTabs={examples.length ? examples : undefined}
          onTabChange={({ tabs }) => nameTabs(tabs, examples)}
        >
          <GraphiQL.Logo>
            <ExamplesMenu examples={examples} language={language} />
          </GraphiQL.Logo>
          <SchemaForAnother signedIn={signedIn} />
        </GraphiQL>
      </main>
    </>
  );
}

const root = createRoot(document.getElementById('root')!);
try {
  const config = await readConfig();
  prepareTabs(config.examples);
  root.render(<Page client={new Client(config)} config={config} />);
} catch (error) {
  root.render(
    <p className="failed" role="alert">
      页面配置无法读取。 The configuration of this page cannot be read. ({(error as Error).message})
    </p>,
  );
}
