// The form of a destination: what it starts from and what is sent. A key that was not typed is not sent. Pure.
import type { DestinationChange, NewDestination, Platform } from './api';
import type { Destination } from './patch';

export interface DestinationForm {
  platform: Platform['id'];
  name: string;
  rtmpUrl: string;
  streamKey: string;
  bridgeProxyUrl: string;
  stationId: string;
  isActive: boolean;
  maxRetries: number;
  playbackUrl: string;
}

export function formOf(destination: Destination | undefined, platform: Platform | undefined): DestinationForm {
  return {
    platform: destination?.platform ?? platform?.id ?? 'custom',
    name: destination?.name ?? '',
    rtmpUrl: destination?.rtmpUrl ?? defaultUrl(platform),
    streamKey: '',
    bridgeProxyUrl: destination?.bridgeProxyUrl ?? '',
    stationId: destination?.stationId ?? '',
    isActive: destination?.isActive ?? true,
    maxRetries: destination?.maxRetries ?? 0,
    playbackUrl: destination?.playbackUrl ?? '',
  };
}

/** The catalogue's first URL, where every account has the same. */
export const defaultUrl = (platform: Platform | undefined): string => (platform && !platform.bridgeNeeded ? (platform.ingestUrls[0]?.url ?? '') : '');

/** After another platform was chosen: its URL and name, unless something else was typed. */
export function withPlatform(form: DestinationForm, to: Platform, from: Platform | undefined): DestinationForm {
  const typed = form.rtmpUrl !== '' && !from?.ingestUrls.some(({ url }) => url === form.rtmpUrl);
  return { ...form, platform: to.id, rtmpUrl: typed && to.ingestUrls.length === 0 ? form.rtmpUrl : defaultUrl(to) };
}

export function toCreate(form: DestinationForm): NewDestination {
  const wanted: NewDestination = { platform: form.platform, isActive: form.isActive, maxRetries: form.maxRetries };
  for (const field of ['name', 'rtmpUrl', 'streamKey', 'bridgeProxyUrl', 'stationId', 'playbackUrl'] as const) if (form[field].trim() !== '') wanted[field] = field === 'streamKey' ? form[field] : form[field].trim();
  return wanted;
}

export function toChange(form: DestinationForm, before: Destination): DestinationChange {
  const change: DestinationChange = {};
  if (form.platform !== before.platform) change.platform = form.platform;
  if (form.isActive !== before.isActive) change.isActive = form.isActive;
  if (form.maxRetries !== before.maxRetries) change.maxRetries = form.maxRetries;
  if (form.streamKey !== '') change.streamKey = form.streamKey;
  for (const field of ['name', 'rtmpUrl', 'bridgeProxyUrl', 'stationId', 'playbackUrl'] as const) if (form[field].trim() !== (before[field] ?? '')) change[field] = form[field].trim();
  return change;
}
