// Who is signed in here. The access token lives in memory only; the refresh token is a cookie that no script can read.
import { ApiError, errorOf, useCredentials, type Schemas } from '../api/client';

export type User = Schemas['User'];
type Listener = () => void;

// Says that a refresh cookie may be there, so that visitors ask for nothing that is refused.
const MARK = 'everycast.signedIn';
const EARLY_MS = 60_000;

export class Session {
  #user: User | undefined;
  #token: string | undefined;
  #expiresAt = 0;
  #renewal: Promise<string | undefined> | undefined;
  #listeners = new Set<Listener>();
  /** False until it is known whether somebody is signed in. */
  #ready = false;

  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = localStorage) {}

  get user(): User | undefined {
    return this.#user;
  }
  get ready(): boolean {
    return this.#ready;
  }
  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async start(): Promise<void> {
    // Not when it is made: React makes things twice to try them, and keeps one.
    useCredentials({ token: () => this.#goodToken(), renew: (refused) => this.#renewed(refused) });
    if (this.storage.getItem(MARK)) await this.#renew().catch(() => undefined);
    this.#ready = true;
    this.#tell();
  }
  async signIn(email: string, password: string): Promise<User> {
    return this.#enter(await post('/api/auth/login', { email, password }));
  }
  async register(wanted: { email: string; password: string; name: string; setupCode?: string }): Promise<User> {
    return this.#enter(await post('/api/auth/register', wanted));
  }
  async signOut(): Promise<void> {
    await post('/api/auth/logout', {}).catch(() => undefined);
    this.#leave();
  }
  /** The account itself was changed. */
  changed(user: User): void {
    this.#user = user;
    this.#tell();
  }

  #enter(answer: Schemas['SignedIn']): User {
    this.#user = answer.user;
    this.#token = answer.accessToken;
    this.#expiresAt = Date.now() + answer.expiresIn * 1000;
    this.#ready = true;
    this.storage.setItem(MARK, '1');
    this.#tell();
    return answer.user;
  }
  #leave(): void {
    this.#user = undefined;
    this.#token = undefined;
    this.storage.removeItem(MARK);
    this.#tell();
  }
  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
  async #goodToken(): Promise<string | undefined> {
    if (!this.#token) return this.#renewal;
    if (Date.now() < this.#expiresAt - EARLY_MS) return this.#token;
    return this.#renew().catch(() => this.#token);
  }
  async #renewed(refused: string): Promise<string | undefined> {
    return this.#token && this.#token !== refused ? this.#token : this.#renew().catch(() => undefined);
  }
  #renew(): Promise<string | undefined> {
    this.#renewal ??= this.#ask().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }
  async #ask(tries = 3): Promise<string | undefined> {
    try {
      this.#enter(await post('/api/auth/refresh', {}));
      return this.#token;
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      // Another tab was faster: its cookie is here in a moment.
      if (failure.code === 'refresh_raced' && tries > 1) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        return this.#ask(tries - 1);
      }
      if (failure.status === 401 || failure.status === 403) this.#leave();
      throw failure;
    }
  }
}

async function post(path: string, body: object): Promise<Schemas['SignedIn']> {
  let response: Response;
  try {
    response = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), credentials: 'same-origin' });
  } catch {
    throw new ApiError(0, 'unreachable', 'The server cannot be reached. Check the connection and try again.');
  }
  if (!response.ok) throw await errorOf(response);
  return response.json();
}
