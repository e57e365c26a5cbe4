// What the app takes of web/player besides the player itself, which are plain modules.
declare module '@player/address.js' {
  export function ownAddress(url: string | null | undefined, base?: string): string | undefined;
}
