import { open } from 'node:fs/promises';

/** How much of a text is looked at before it is believed to be one. */
const LOOKED_AT_BYTES = 65_536;
/** What a browser would take for a page, a picture with scripts, or a script, whatever it is called. */
const MARKUP = /^\s*<(?:[!?/a-z])/i;

/** Types that have no mark of their own and are known by being text. */
const TEXTS: readonly string[] = ['text/csv', 'application/json'];

async function looksLikeText(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, 0);
    const start = buffer.subarray(0, bytesRead);
    return !start.includes(0) && !MARKUP.test(start.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, ''));
  } finally {
    await file.close();
  }
}

/**
 * What a file is by its content, of the types that are admitted; null when it is none of them, whatever it says it is.
 * @param announced decides between texts, which do not tell themselves
 */
export async function typeByContent(path: string, admitted: readonly string[], announced: string): Promise<string | null> {
  const [{ fileTypeFromTokenizer }, { fromFile }] = await Promise.all([import('file-type/core'), import('strtok3')]);
  const tokenizer = await fromFile(path);
  const found = await fileTypeFromTokenizer(tokenizer).finally(() => tokenizer.close());
  if (found) return admitted.includes(found.mime) ? found.mime : null;
  const texts = TEXTS.filter((type) => admitted.includes(type));
  if (texts.length === 0 || !(await looksLikeText(path))) return null;
  return texts.find((type) => type === announced) ?? texts[0]!;
}

/** The ending that a type's files have. */
export const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp', 'application/pdf': 'pdf', 'text/csv': 'csv', 'application/json': 'json',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
};
const OTHER_SPELLINGS: Readonly<Record<string, string>> = { jpeg: 'jpg' };
const KNOWN_ENDINGS = new Set([...Object.values(ENDINGS), ...Object.keys(OTHER_SPELLINGS)]);
/** How long the part before the ending may be. */
const MOST_OF_NAME = 190;

/** A name as it may stand in a folder of whoever loads the file: no path, no leading dots, and the ending of what it is. */
export function safeName(name: string, mediaType: string): string {
  const ending = ENDINGS[mediaType]!;
  const bare = name.split(/[/\\]/).at(-1)!.replace(/[<>:"|?*]/g, '_').replace(/^[.\s]+|[.\s]+$/g, '');
  const own = /\.([a-z0-9]+)$/i.exec(bare)?.[1]?.toLowerCase() ?? '';
  const stem = KNOWN_ENDINGS.has(own) ? bare.slice(0, -own.length - 1) : bare;
  const kept = (OTHER_SPELLINGS[own] ?? own) === ending ? bare.slice(stem.length + 1) : ending;
  return `${[...stem].slice(0, MOST_OF_NAME).join('') || 'file'}.${kept}`;
}
