// The one way to the server: typed by its contract, with the access token of who is signed in.
import createClient, { type Middleware } from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** What the server refused, in its own words: `message` is for people, `code` for programs. Status 0: it could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }
  /** The field of the request that was wrong, as the contract names it. */
  get field(): string | undefined {
    return typeof this.details.field === 'string' ? this.details.field : undefined;
  }
  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export interface Credentials {
  /** A token that is good now, or nothing for a visitor. Renews it when it runs out. */
  token(): Promise<string | undefined>;
  /** The server did not take this token: another one, or nothing. */
  renew(refused: string): Promise<string | undefined>;
}

let credentials: Credentials = { token: async () => undefined, renew: async () => undefined };

export function useCredentials(of: Credentials): void {
  credentials = of;
}

/** `fetch` in the name of who is signed in. Throws an ApiError when the server cannot be reached. */
export async function authorizedFetch(input: Request): Promise<Response> {
  const send = async (token: string | undefined): Promise<Response> => {
    const request = input.clone();
    if (token) request.headers.set('Authorization', `Bearer ${token}`);
    try {
      return await fetch(request);
    } catch (failure) {
      if (input.signal.aborted) throw failure;
      throw new ApiError(0, 'unreachable', 'The server cannot be reached. Check the connection; it is tried again by itself.');
    }
  };
  const token = await credentials.token();
  const response = await send(token);
  if (response.status !== 401 || !token) return response;
  const fresh = await credentials.renew(token);
  return fresh ? send(fresh) : response;
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return undefined;
    throw await errorOf(response);
  },
};

export async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string; details?: Record<string, unknown> } };
    return new ApiError(response.status, error.code, error.message, error.details);
  } catch {
    return new ApiError(response.status, 'unexpected_answer', `The server gave an answer that is none of its own (${response.status}).`);
  }
}

/** `const { data } = await api.GET('/api/stations')`: `data` is there, or an ApiError is thrown. Use `take` to have it typed so. */
export const api = createClient<paths>({ baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin, fetch: authorizedFetch });
api.use(refusals);

/** The answer itself: `const { stations } = await take(api.GET('/api/stations'))`. */
export async function take<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new ApiError(500, 'unexpected_answer', 'The server gave no answer.');
  return data;
}
