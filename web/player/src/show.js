// Show: what is on: brings together what the server says of a stream (facts.js) and what the player can do with it, from
// "not started" over live to the end, with every interruption between. Events: 'about' (detail: the facts, for the page).
import { withQuery } from './address.js';
import { Backoff } from './backoff.js';
import { Facts } from './facts.js';
import { moment, timeLeft } from './words.js';

const TICK_MS = 250;
// A picture that stands still for this long with nothing behind it is interrupted.
const STILL_MS = 1_500;
// After this long, though the encoder is there, it needs a new start; sooner when the encoder has just come back.
const RESTART_MS = 8_000;
const RETURN_MS = 3_000;
// After this long of good playing the next trouble counts as the first.
const WELL_MS = 20_000;

export class Show extends EventTarget {
  #facts;
  #known;
  #silent;
  #wanted;
  #retryAt;
  #trouble;
  #finished = false;
  #lastTime = 0;
  // Where a recording goes on after trouble.
  #position = 0;
  // Since the player was opened: whether there was a picture, and when it last went on.
  #moved = false;
  #movedAt = performance.now();
  #restartAt = Infinity;
  #wellSince;
  #backoff = new Backoff();
  #timer;
  #ended = new AbortController();

  constructor(player, options) {
    super();
    this.player = player;
    this.options = options;
    this.#wanted = options.autoplay;
    this.#facts = new Facts(options);
    this.#facts.addEventListener('facts', ({ detail }) => this.#learn(detail));
    this.#facts.addEventListener('same', () => this.#learn(this.#known));
    this.#facts.addEventListener('unknown', () => this.#learn({ unknown: true, live: false }));
    this.#facts.addEventListener('silence', ({ detail }) => {
      this.#silent = performance.now() + detail.retryMs;
      this.#draw();
    });
    const { signal } = this.#ended;
    player.addEventListener('play', () => {
      this.#wanted = true;
      if (player.active) player.play();
      this.#act();
    }, { signal });
    player.addEventListener('trouble', ({ detail }) => this.#stumble(detail), { signal });
    player.addEventListener('ended', () => this.#end(), { signal });
    player.addEventListener('pace', ({ detail }) => this.#repace(detail.steady), { signal });
  }

  begin() {
    if (!this.options.id) return void this.#learn({ unknown: true, live: false });
    this.#draw();
    this.#facts.ask();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }
  // Something has changed, it is said: it is asked at once what.
  ask() {
    this.#facts.ask();
  }
  // The player stays, for its owner to destroy.
  destroy() {
    clearInterval(this.#timer);
    this.#facts.end();
    this.#ended.abort();
  }

  get #url() {
    return this.#withRight(this.#known?.hlsUrl, this.options.plain ? { plain: '1' } : {});
  }

  #withRight(url, more = {}) {
    return withQuery(url, { token: this.options.token, ...more });
  }

  #learn(known) {
    if (known.live && this.#known && !this.#known.live) this.#restartAt = Math.min(this.#restartAt, performance.now() + RETURN_MS);
    this.#known = known;
    this.#silent = undefined;
    this.dispatchEvent(new CustomEvent('about', { detail: known }));
    this.player.showPoster(this.#withRight(known.thumbnailUrl));
    if (known.over && !this.player.active) this.#finished = true;
    // Nothing changes any more.
    if (this.#finished || (this.options.recording && ['ready', 'failed'].includes(known.status))) this.#facts.end();
    if (known.unknown || (known.restricted && !known.hlsUrl && !this.options.recording)) this.player.close();
    this.#act();
  }

  // Starts what can be started, and says what is.
  #act() {
    const { player, options } = this;
    const waits = this.#retryAt !== undefined && performance.now() < this.#retryAt;
    const playable = this.#url && (options.recording || this.#known.live);
    if (this.#wanted && playable && !player.active && !waits && !this.#finished && this.#trouble?.why !== 'unsupported') {
      this.#retryAt = undefined;
      this.#moved = false;
      this.#goesOn(performance.now());
      const startAt = options.recording ? this.#position : undefined;
      player.open({ startAt, hlsUrl: this.#url, flvUrl: this.#withRight(this.#known.flvUrl), live: !options.recording, engine: options.engine, plain: options.plain });
    }
    this.#draw();
  }

  #repace(steady) {
    this.options.plain = steady;
    this.player.close();
    this.#retryAt = undefined;
    this.#act();
  }

  // The player has given up.
  #stumble(trouble) {
    this.#trouble = trouble;
    this.#wellSince = undefined;
    if (this.#known?.over) return this.#end();
    this.#retryAt = performance.now() + this.#backoff.next();
    // The right may have been renewed, or the stream may be over: both are the server's to say.
    this.#facts.ask();
    this.player.close();
    return this.#draw();
  }

  #end() {
    this.player.close();
    if (this.options.recording) {
      this.#wanted = false;
      this.#position = 0;
    } else if (this.#known?.over) {
      this.#finished = true;
    } else {
      this.#facts.ask();
    }
    this.#draw();
  }

  #goesOn(now) {
    this.#movedAt = now;
    this.#restartAt = now + RESTART_MS;
  }

  #tick() {
    const now = performance.now();
    const { player } = this;
    const { currentTime, paused } = player.video;
    if (player.active && (paused || currentTime !== this.#lastTime)) {
      this.#goesOn(now);
      if (!paused && currentTime > 0) {
        this.#moved = true;
        this.#position = currentTime;
        this.#trouble = undefined;
        this.#wellSince ??= now;
        if (now - this.#wellSince > WELL_MS) this.#backoff.reset();
      }
    } else if (player.active && this.#known?.over && this.#isDry(now)) {
      this.#end();
    } else if (player.active && now > this.#restartAt && (this.#known?.live || this.options.recording)) {
      this.#stumble({ why: 'still' });
    }
    this.#lastTime = currentTime;
    if (player.active) this.#draw();
    else this.#act();
  }
  #isDry(now) {
    return !this.player.hasMore && now - this.#movedAt > STILL_MS;
  }

  #draw() {
    const [name, words = {}] = this.#stage(performance.now());
    this.player.root.dataset.stage = name;
    this.player.stage.show(name, words);
  }

  // What stands over the picture: its name and its words.
  #stage(now) {
    const { player, options } = this;
    const known = this.#known;
    if (player.active && this.#moved && !this.#isDry(now)) return ['playing'];
    if (!known) return this.#silent === undefined ? ['loading'] : this.#unreachable(now);
    if (known.unknown) return ['unknown', { headline: options.recording ? 'There is no such recording' : 'There is no such stream', detail: 'The address may be mistyped, or it was deleted.' }];
    if (this.#trouble?.why === 'unsupported') return ['unsupported', { headline: 'This browser cannot play the stream', detail: 'A newer browser can, and so can players such as VLC.' }];
    if (this.#finished) return ['ended', { headline: 'The stream has ended' }];
    if (options.recording) return this.#recordingStage(now);
    if (known.restricted && !known.hlsUrl) return ['restricted', { headline: 'This stream is for token holders', detail: 'Open it again from where you are signed in and hold enough tokens.' }];
    if (player.active && known.live) return [player.video.paused && player.hasMore ? 'ready' : 'loading'];
    if (player.active) return this.#away();
    if (known.live) return this.#retryAt !== undefined ? this.#retrying(now) : this.#ready();
    if (this.#silent !== undefined) return this.#unreachable(now);
    if (known.startedAt || known.hlsUrl) return this.#away();
    return this.#waiting();
  }

  #recordingStage(now) {
    const { status } = this.#known;
    if (status === 'failed') return ['failed', { headline: 'This recording could not be kept' }];
    if (status !== 'ready') return ['preparing', { headline: 'This recording is not finished yet', detail: 'It plays here as soon as it is.' }];
    return this.#retryAt !== undefined && !this.player.active ? this.#retrying(now) : this.#ready();
  }
  #ready() {
    return [this.#wanted ? 'loading' : 'ready'];
  }
  #away() {
    return ['away', { headline: 'The picture is interrupted', detail: 'The broadcaster\'s encoder is away. It goes on here by itself.' }];
  }
  #waiting() {
    const { scheduledAt } = this.#known;
    if (!scheduledAt) return ['waiting', { headline: 'Stream not started', detail: 'It begins here by itself.' }];
    const left = timeLeft(new Date(scheduledAt) - Date.now());
    return ['waiting', { headline: 'Stream not started', detail: left ? `It begins ${moment(scheduledAt)}` : 'It should begin any moment.', counter: left && `in ${left}` }];
  }
  #retrying(now) {
    const refused = this.#trouble?.why === 'refused';
    const left = Math.max(0, this.#retryAt - now);
    // Most of it is over before anybody can read.
    if (left === 0 || (this.#retryAt - now < 1_500 && !refused)) return ['loading'];
    return ['retrying', {
      headline: refused ? 'The right to watch has run out' : 'The connection broke off',
      counter: `Trying again in ${Math.ceil(left / 1000)} s`,
      action: 'Try now',
      onAction: () => {
        this.#retryAt = undefined;
        this.#facts.ask();
        this.#act();
      },
    }];
  }
  #unreachable(now) {
    const left = Math.max(0, Math.ceil((this.#silent - now) / 1000));
    return ['silence', { headline: 'The server cannot be reached', counter: left > 0 ? `Trying again in ${left} s` : 'Trying again', action: 'Try now', onAction: () => this.#facts.ask() }];
  }
}
