const key = (name: string): string => `youth-network:${name}`;

/** Reads a remembered text; null also when the browser keeps nothing for this page. */
export function recall(storage: 'localStorage' | 'sessionStorage', name: string): string | null {
  try {
    return window[storage].getItem(key(name));
  } catch {
    return null;
  }
}

/** Remembers a text, or forgets it by null. Without storage the page works until it is left. */
export function remember(storage: 'localStorage' | 'sessionStorage', name: string, value: string | null): void {
  try {
    if (value === null) window[storage].removeItem(key(name));
    else window[storage].setItem(key(name), value);
  } catch {
    // Blocked or full: nothing depends on it.
  }
}
