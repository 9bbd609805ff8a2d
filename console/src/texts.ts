/** The languages of the platform. */
export type Language = 'zh-CN' | 'en';

const texts = {
  title: ['青年阵地网络', 'Youth Network'],
  bar: ['登录栏', 'Sign-in bar'],
  sample: ['示例账号', 'Sample account'],
  chooseSample: ['以示例账号登录…', 'Sign in as a sample…'],
  identifier: ['邮箱或电话', 'E-mail or phone'],
  password: ['密码', 'Password'],
  signIn: ['登录', 'Sign in'],
  signOut: ['退出', 'Sign out'],
  actAs: ['切换身份', 'Act as'],
  noMembership: ['无成员身份', 'no membership'],
  network: ['未登录时的网络', 'Network while not signed in'],
  language: ['语言', 'Language'],
  examples: ['示例', 'Examples'],
  dismiss: ['关闭提示', 'Dismiss the message'],
  sessionEnded: [
    '登录已失效，您已退出。请重新登录。',
    'The session could not be renewed: you are signed out. Sign in again.',
  ],
  unreachable: ['无法连接服务器，请稍后再试。', 'The server cannot be reached: try again shortly.'],
  'role.COMMITTEE': ['团委', 'committee'],
  'role.ADMIN': ['管理员', 'admin'],
  'role.STAFF': ['工作人员', 'staff'],
  'role.VOLUNTEER': ['志愿者', 'volunteer'],
  'role.RESIDENT': ['居民', 'resident'],
} as const satisfies Record<string, readonly [zh: string, en: string]>;

export type TextKey = keyof typeof texts;

/** A text of the bar in a language. */
export const textIn = (language: Language, key: TextKey): string => texts[key][language === 'zh-CN' ? 0 : 1];

/** The name of a role; one that is not known here shows by its code. */
export const roleIn = (language: Language, role: string): string =>
  `role.${role}` in texts ? textIn(language, `role.${role}` as TextKey) : role;

/** The browser's preference among the platform's languages; Chinese, as on the server, when it has none. */
export function preferredLanguage(): Language {
  const first = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag));
  return first && /^en\b/i.test(first) ? 'en' : 'zh-CN';
}
