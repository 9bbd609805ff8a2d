import { createHash } from 'node:crypto';
import { renderSVG } from 'uqr';
import { Html, html } from '../../platform/http/html';
import { textsOf, type Locale } from '../../platform/i18n/translate';
import { shownCode, type CertificateContent } from './content';
import type { CertificateStatus } from './model';

const wordIn = textsOf('certificate-page', {
  title: ['志愿服务记录证明', 'Certificate of voluntary service'],
  VALID: ['有效：内容与签发时一致。', 'Valid: it says what was signed.'],
  REVOKED: ['已撤销：此证明不再有效。', 'Revoked: it does not count any more.'],
  ALTERED: ['无效：内容与签发时不一致。', 'Not valid: it does not say what was signed.'],
  unknown: ['查无此证明', 'No such certificate'],
  unknownMore: ['没有验证码为此的证明。请核对验证码；如无误，该证明不是由本平台签发的。', 'There is no certificate with this code. Check the code; if it is right, the certificate was not issued here.'],
  throttled: ['查询过于频繁', 'Too many looks'],
  throttledMore: ['请稍后再试。', 'Try again later.'],
  compare: [
    '请将纸质或电子证明与本页逐项核对；不一致的即为伪造或篡改。为保护个人信息，本页隐去姓名和编号。',
    'Compare the paper or document with this page: what differs was forged or altered. Names and numbers are masked here.',
  ],
  holder: ['志愿者', 'Volunteer'],
  legalName: ['姓名', 'Name'],
  volunteerNumber: ['志愿者编号', 'Volunteer number'],
  identityDocument: ['证件类型', 'Identity document'],
  identityNumber: ['证件号码', 'Document number'],
  services: ['志愿服务', 'Services'],
  period: ['期间', 'Period'],
  hours: ['时长（小时）', 'Hours'],
  total: ['合计', 'Total'],
  date: ['日期', 'Date'],
  content: ['服务内容', 'Service'],
  duty: ['岗位', 'Duty'],
  issuer: ['出具单位', 'Issued by'],
  responsiblePerson: ['负责人', 'Responsible person'],
  handledBy: ['经办人', 'Handled by'],
  contact: ['联系方式', 'Contact'],
  certificate: ['证明', 'Certificate'],
  number: ['证明编号', 'Number'],
  issuedOn: ['出具日期', 'Issued on'],
  code: ['验证码', 'Verification code'],
  hash: ['内容校验值（SHA-256）', 'Content hash (SHA-256)'],
  scan: ['扫描二维码或访问下列网址验证', 'Scan the code or open this address to verify it'],
  RESIDENT_IDENTITY_CARD: ['居民身份证', 'Resident identity card'],
  PASSPORT: ['护照', 'Passport'],
  HONG_KONG_MACAO_PERMIT: ['港澳居民来往内地通行证', 'Mainland travel permit for Hong Kong and Macao residents'],
  TAIWAN_PERMIT: ['台湾居民来往大陆通行证', 'Mainland travel permit for Taiwan residents'],
  OTHER: ['其他', 'Other'],
  '*': ['*', '*'],
});
type Word = Parameters<typeof wordIn>[1];

const STYLE = `
:root{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1d1d1f;background:#fff}
body{max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;text-align:center}
h2{font-size:1.05rem;margin:1.5rem 0 .3rem;border-bottom:1px solid #c7c7cc}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;overflow-wrap:anywhere}
.services th,.services td{border:1px solid #c7c7cc}
.services td:last-child,.services th:last-child{text-align:right}
.facts th{width:12rem;font-weight:normal;color:#55555a}
.status{padding:.6rem 1rem;border:2px solid;font-weight:bold}
.VALID{color:#0a6b2d}.REVOKED,.ALTERED,.unknown{color:#b3001b}
.check{display:flex;gap:1.5rem;align-items:center;margin-top:1.5rem}
.check svg{width:9rem;height:9rem;flex:none}
.check p{margin:0;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}thead{display:table-header-group}}
`;

/** What a page of a certificate may do: nothing but look as it does. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

const page = (locale: Locale, title: string, body: Html): string =>
  `<!doctype html>\n${html`<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${title}</title><style>${new Html(STYLE)}</style></head><body>${body}</body></html>`.text}\n`;

/** What is to be told of a certificate. */
export interface CertificateView {
  content: CertificateContent;
  contentHash: string;
  code: string;
  /** Where it is verified. */
  url: string;
  /** null: the document of whoever it belongs to, which says itself nothing of whether it counts. */
  status: CertificateStatus | null;
}

/** A certificate as a page to be read and printed; what is in it is text, whatever it contains. */
export function certificatePage(locale: Locale, { content, contentHash, code, url, status }: CertificateView): string {
  const word = (key: Word) => wordIn(locale, key);
  const facts = (title: Word, rows: readonly (readonly [Word, string])[]) =>
    html`<h2>${word(title)}</h2><table class="facts">${rows.map(([name, value]) => html`<tr><th scope="row">${word(name)}</th><td>${value}</td></tr>`)}</table>`;
  const { holder, period, services, hours } = content;
  const verdict = status === null ? html`` : html`<p class="status ${status}">${word(status)}</p><p>${word('compare')}</p>`;
  const body = html`<h1>${word('title')}</h1>${verdict}
${facts('holder', [
  ['legalName', holder.legalName], ['volunteerNumber', holder.volunteerNumber], ['identityDocument', word(holder.identityDocument as Word)],
  ['identityNumber', holder.identityNumberMasked],
])}
<h2>${word('services')}</h2>
<p>${word('period')} ${period.from} – ${period.to} · ${word('total')} ${hours.toFixed(2)} ${word('hours')}</p>
<table class="services"><thead><tr><th>${word('date')}</th><th>${word('content')}</th><th>${word('duty')}</th><th>${word('hours')}</th></tr></thead><tbody>
${services.map((service) => html`<tr><td>${service.serviceDate}</td><td>${service.content}</td><td>${service.duty}</td><td>${service.hours.toFixed(2)}</td></tr>\n`)}</tbody></table>
${facts('issuer', [['issuer', content.issuedBy], ['responsiblePerson', content.responsiblePerson], ['handledBy', content.handledBy], ['contact', content.contact]])}
${facts('certificate', [['number', content.number], ['issuedOn', content.issuedOn], ['code', shownCode(code)], ['hash', contentHash]])}
<div class="check">${new Html(renderSVG(url, { border: 1 }))}<p>${word('scan')}<br>${url}</p></div>`;
  return page(locale, word('title'), body);
}

/** A page that says why there is no certificate. */
export const noticePage = (locale: Locale, notice: 'unknown' | 'throttled'): string =>
  page(locale, wordIn(locale, notice), html`<h1>${wordIn(locale, notice)}</h1><p class="status unknown">${wordIn(locale, `${notice}More`)}</p>`);
