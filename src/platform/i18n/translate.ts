import i18next from 'i18next';
import Negotiator from 'negotiator';
import { messages, terms, type MessageKey, type MessageParameters } from './messages';

/** The languages that people are answered in; the first is the standard. */
export const locales = ['zh-CN', 'en'] as const;
export type Locale = (typeof locales)[number];

const catalogue = (language: 0 | 1) => ({
  messages: Object.fromEntries(Object.entries(messages).map(([key, texts]) => [key, texts[language]])),
  terms: Object.fromEntries(Object.entries(terms).map(([key, texts]) => [key, texts[language]])),
});

const i18n = i18next.createInstance();
void i18n.init({
  initAsync: false,
  lng: 'zh-CN',
  defaultNS: 'messages',
  keySeparator: false,
  nsSeparator: false,
  // The texts go out as JSON; whoever shows them as HTML escapes them there.
  interpolation: { escapeValue: false },
  resources: { 'zh-CN': catalogue(0), en: catalogue(1) },
});

/** A message in somebody's language; parameters that are terms (a status, an action) are translated too. */
export function translate(locale: Locale, key: MessageKey, parameters: MessageParameters = {}): string {
  const words = Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'string' && value in terms ? i18n.t(value, { lng: locale, ns: 'terms' }) : value,
    ]),
  );
  return i18n.t(key, { lng: locale, ...words });
}

/**
 * Texts of a capability that stand with it rather than here.
 * @param namespace a name of their own
 * @returns what reads one of them in somebody's language
 */
export function textsOf<Key extends string>(namespace: string, texts: Readonly<Record<Key, readonly [zh: string, en: string]>>) {
  locales.forEach((locale, language) => {
    const entries = Object.entries<readonly [string, string]>(texts).map(([key, both]) => [key, both[language as 0 | 1]]);
    i18n.addResourceBundle(locale, namespace, Object.fromEntries(entries));
  });
  return (locale: Locale, key: Key, parameters: MessageParameters = {}): string => i18n.t(key, { lng: locale, ns: namespace, ...parameters });
}

/** The language of an Accept-Language header (RFC 9110): zh-CN unless English is preferred. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  if (!acceptLanguage || acceptLanguage.length > 200) return 'zh-CN';
  const wanted = new Negotiator({ headers: { 'accept-language': acceptLanguage } }).languages();
  for (const tag of wanted) {
    if (/^en\b/i.test(tag)) return 'en';
    if (/^(zh\b|\*)/i.test(tag)) return 'zh-CN';
  }
  return 'zh-CN';
}
