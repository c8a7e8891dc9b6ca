import { readFileSync } from 'node:fs';
import { InvalidRequestError } from './errors';

/** How to speak with another process' server; the names are the native addon's. */
export interface RemoteConfig {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly timeout: number | null;
  readonly maxRetries: number | null;
  /** PEM text. */
  readonly caCertificate: string | null;
  readonly httpProxy: string | null;
  readonly httpsProxy: string | null;
  readonly noProxy: string | null;
  readonly observed: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PEM = '-----BEGIN CERTIFICATE-----';

/** The address without a slash at its end. Messages never quote it, for it may hold a secret. */
export function readBaseUrl(text: string, label: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw wrong('baseUrl', `${label} must be an http or https URL`);
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong('baseUrl', `${label} must not hold a user name or password: the API key opens the store`);
  }
  if (/[?#]/.test(text)) throw wrong('baseUrl', `${label} must end with its path, without ? or #`);
  return url.href.replace(/\/+$/, '');
}

/** Certificates as PEM text, given as such or by the path of a file. */
export function readCertificate(given: string, label: string): string {
  if (given.includes(PEM)) return given;
  let text: string;
  try {
    text = readFileSync(given, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw wrong(
      'caCertificate',
      `${label} must be PEM text or the path of a file that can be read (${reason})`,
      error,
    );
  }
  if (!text.includes(PEM))
    throw wrong('caCertificate', `the file that ${label} names holds no PEM certificate`);
  return text;
}

/** The proxies of the environment, by the rules that curl and Go have in common. */
export function readProxies(
  baseUrl: string,
  env: Environment,
): Pick<RemoteConfig, 'httpProxy' | 'httpsProxy' | 'noProxy'> {
  // What listens on this machine is not reached through another one.
  if (isLoopback(new URL(baseUrl).hostname)) return { httpProxy: null, httpsProxy: null, noProxy: null };
  const variable = (...names: string[]) => names.map((name) => env[name]).find(Boolean) ?? null;
  const all = variable('all_proxy', 'ALL_PROXY');
  // Under CGI a request's own header "Proxy" arrives as HTTP_PROXY.
  const http = env['REQUEST_METHOD'] ? variable('http_proxy') : variable('http_proxy', 'HTTP_PROXY');
  return {
    httpProxy: http ?? all,
    httpsProxy: variable('https_proxy', 'HTTPS_PROXY') ?? all,
    noProxy: variable('no_proxy', 'NO_PROXY'),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127\./.test(host);
}

function wrong(param: string, message: string, cause?: unknown): InvalidRequestError {
  const fields = { code: 'configuration_invalid', message, param } as const;
  return new InvalidRequestError(fields, cause === undefined ? undefined : { cause });
}
