import { OciError, type OciErrorCode } from '../content/errors.js';
import { printableUrl } from '../http/fault.js';
import type { HttpResponse } from '../http/response.js';
import { retryAfter } from '../http/retry.js';

const maximumErrorBody = 64 * 1024;

const known: Readonly<Record<number, { code: OciErrorCode; hint: string }>> = {
  401: { code: 'BUNNY_EAUTH', hint: 'log in to HOST' },
  403: {
    code: 'BUNNY_EDENIED',
    hint: 'ask the owner of the repository for access, or log in as somebody else',
  },
  404: { code: 'BUNNY_ENOTFOUND', hint: 'check the name; a registry also says this of what you may not see' },
  405: { code: 'BUNNY_EUNSUPPORTED', hint: 'the registry does not allow this; its operator may be able to' },
  407: { code: 'BUNNY_ENETWORK', hint: 'the proxy asks for a login: write http://user:password@host:port' },
  413: { code: 'BUNNY_ELIMIT', hint: 'the registry, or a proxy before it, limits the size of uploads' },
  429: { code: 'BUNNY_EREGISTRY', hint: 'the registry limits how often it may be asked: wait, or log in' },
};

/** The codes that a registry names in the body of a refusal (distribution-spec 1.1, "Error Codes"). */
export interface Refusal {
  codes: string[];
  message: string;
}

/** Reads the body of a refusal. It never fails: what cannot be read has no codes. */
export async function readRefusal(response: HttpResponse): Promise<Refusal> {
  try {
    const body: unknown = JSON.parse((await response.bytes(maximumErrorBody)).toString('utf8'));
    const errors = (body as { errors?: unknown } | null)?.errors;
    if (!Array.isArray(errors)) return { codes: [], message: '' };
    const codes: string[] = [];
    const messages: string[] = [];
    for (const each of errors.slice(0, 5) as unknown[]) {
      if (typeof each !== 'object' || each === null) continue;
      const { code, message } = each as { code?: unknown; message?: unknown };
      if (typeof code === 'string') codes.push(printable(code));
      if (typeof message === 'string' && message !== '') messages.push(printable(message));
    }
    return { codes, message: messages.join('; ') };
  } catch {
    return { codes: [], message: '' };
  }
}

/** Text of a stranger for a terminal: one line, no control characters, not long. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
}

/**
 * The error for an answer that is not the one hoped for. `action` completes "the registry did not …".
 * `secret` is what was sent as authorization: a registry that echoes it does not get it printed. `pushedTo` is the
 * repository that was to be written to.
 */
export async function refusalError(
  response: HttpResponse,
  action: string,
  where: string,
  secret?: string,
  pushedTo?: string,
): Promise<OciError> {
  const refusal = await readRefusal(response);
  const { code, hint: usual } = known[response.status] ?? {
    code: 'BUNNY_EREGISTRY' as const,
    hint:
      response.status >= 500
        ? 'the registry has an internal error: try again later'
        : 'the registry answers in a way that distribution-spec does not know; ask its operator',
  };
  const isMissing = pushedTo !== undefined && refusal.codes.includes('NAME_UNKNOWN');
  const hint = isMissing
    ? `the registry makes no repositories by itself: create the repository ${pushedTo} there, then run again`
    : (waitingHint(response) ?? usual);
  const said = [refusal.codes.join(', '), redact(refusal.message, secret)]
    .filter((part) => part !== '')
    .join(': ');
  const summary = `the registry did not ${action}: HTTP ${response.status}${said === '' ? '' : ` (${said})`}`;
  const details = [`answered by ${printableUrl(response.url)}`];
  return new OciError(code, summary, {
    where,
    hint: hint.replace('HOST', response.url.host),
    details,
    refusals: refusal.codes,
    login: code === 'BUNNY_EAUTH' ? response.url.host : undefined,
  });
}

/** What a registry that is to be left alone for a while asks for. */
function waitingHint(response: HttpResponse): string | undefined {
  if (response.status !== 429 && response.status !== 503) return undefined;
  const asked = retryAfter(response.header('retry-after'), Date.now());
  if (asked === undefined || asked === 0) return undefined;
  const seconds = Math.ceil(asked / 1000);
  const time = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `the registry asks clients to wait ${time}: run again then, or log in if you have not`;
}

function redact(text: string, secret: string | undefined): string {
  const value = secret?.replace(/^\w+ /, '');
  if (value === undefined || value === '') return text;
  const plain = Buffer.from(value, 'base64').toString('utf8');
  const password = plain.includes(':') ? plain.slice(plain.indexOf(':') + 1) : '';
  let safe = text.replaceAll(value, '[hidden]');
  if (secret?.startsWith('Basic ') && password !== '') safe = safe.replaceAll(password, '[hidden]');
  return safe;
}
