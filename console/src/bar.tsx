import type { FormEvent } from 'react';
import type { Client, ClientState, Membership } from './client';
import type { ConsoleConfig, SampleSignIn } from './config';
import { roleIn, textIn, type Language, type TextKey } from './texts';

const languages: readonly { code: Language; says: string }[] = [
  { code: 'zh-CN', says: '中文' },
  { code: 'en', says: 'EN' },
];

const sampleIn = (language: Language, { displayName, role, organization, note }: SampleSignIn): string =>
  language === 'zh-CN' ? `${organization} · ${roleIn(language, role)} · ${displayName}` : `${note} · ${displayName}`;

/** The bar above GraphiQL: who is asking, of which network, and in which language. */
export function Bar({ client, state, config }: { client: Client; state: ClientState; config: ConsoleConfig }) {
  const { signedIn, language, notice, busy } = state;
  const t = (key: TextKey) => textIn(language, key);
  const described = ({ organization, role }: Membership) => `${organization.name} · ${roleIn(language, role)}`;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void client.signIn(String(form.get('identifier')).trim(), String(form.get('password')));
  };
  const { sampleSignIns } = config;

  return (
    <header className="bar" aria-label={t('bar')} aria-busy={busy}>
      <div className="bar-row">
        <h1>{t('title')}</h1>
        {sampleSignIns.length > 0 && (
          <select
            className="bar-sample"
            aria-label={t('sample')}
            disabled={busy}
            value={sampleSignIns.findIndex(({ identifier }) => identifier === signedIn?.identifier)}
            onChange={({ target }) => {
              const sample = sampleSignIns[Number(target.value)];
              if (sample) void client.signIn(sample.identifier, sample.password);
            }}
          >
            <option value={-1} disabled={signedIn !== null}>
              {t('chooseSample')}
            </option>
            {sampleSignIns.map((sample, index) => (
              <option key={sample.identifier} value={index}>
                {sampleIn(language, sample)}
              </option>
            ))}
          </select>
        )}
        {signedIn ? (
          <>
            <p
              className="bar-who"
              role="status"
              title={signedIn.membership ? described(signedIn.membership) : undefined}
            >
              <bdi className="bar-name">{signedIn.displayName}</bdi>
              {signedIn.membership ? (
                <>
                  <bdi className="bar-organization">{signedIn.membership.organization.name}</bdi>
                  <span className="bar-role">{roleIn(language, signedIn.membership.role)}</span>
                </>
              ) : (
                <span className="bar-role">{t('noMembership')}</span>
              )}
            </p>
            {signedIn.memberships.some(({ id }) => id !== signedIn.membership?.id) && (
              <label className="bar-act-as">
                <span>{t('actAs')}</span>
                <select
                  disabled={busy}
                  value={signedIn.membership?.id ?? ''}
                  onChange={({ target }) => void client.actAs(target.value)}
                >
                  {!signedIn.membership && <option value="">{t('noMembership')}</option>}
                  {signedIn.memberships.map((membership) => (
                    <option key={membership.id} value={membership.id}>
                      {described(membership)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <button type="button" disabled={busy} onClick={() => void client.signOut()}>
              {t('signOut')}
            </button>
          </>
        ) : (
          <>
            <form className="bar-form" onSubmit={submit}>
              <input
                name="identifier"
                aria-label={t('identifier')}
                placeholder={t('identifier')}
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                required
              />
              <input
                name="password"
                type="password"
                aria-label={t('password')}
                placeholder={t('password')}
                autoComplete="current-password"
                required
              />
              <button type="submit" className="bar-primary" disabled={busy}>
                {t('signIn')}
              </button>
            </form>
            {config.networks.length > 0 && (
              <select
                className="bar-network"
                aria-label={t('network')}
                title={t('network')}
                value={state.network ?? ''}
                onChange={({ target }) => client.chooseNetwork(target.value)}
              >
                {config.networks.map(({ code, name }) => (
                  <option key={code} value={code}>
                    {name}
                  </option>
                ))}
              </select>
            )}
          </>
        )}
        <div className="bar-languages" role="group" aria-label={t('language')}>
          {languages.map(({ code, says }) => (
            <button
              key={code}
              type="button"
              lang={code}
              aria-pressed={code === language}
              onClick={() => client.chooseLanguage(code)}
            >
              {says}
            </button>
          ))}
        </div>
      </div>
      {notice && (
        <div className="bar-notice" role="alert">
          <span>{'key' in notice ? t(notice.key) : notice.words}</span>
          <button type="button" aria-label={t('dismiss')} onClick={() => client.dismissNotice()}>
            ×
          </button>
        </div>
      )}
    </header>
  );
}
