// Between what the form holds and what the server is asked for. Pure.
import type { Livestream, LivestreamWish } from './api';
import { fromField, toField } from './localTime';

export const WHERES = ['all', 'chosen', 'profile', 'none'] as const;
export type Where = (typeof WHERES)[number];
export type Visibility = 'public' | 'unlisted' | 'private';

export interface FormValues {
  title: string;
  description: string;
  when: string;
  visibility: Visibility;
  stationId: string | null;
  where: Where;
  destinationIds: string[];
  profileId: string | null;
  gate: number | string;
  record: boolean;
}

export function initialWish(of?: Livestream): FormValues {
  const chosen = of?.destination_ids ?? [];
  return {
    title: of?.title ?? '',
    description: of?.description ?? '',
    when: toField(of?.scheduled_at),
    visibility: of?.visibility ?? 'public',
    stationId: of?.station_id ?? null,
    where: !of ? 'all' : of.profile_id ? 'profile' : chosen.length > 0 ? 'chosen' : 'none',
    destinationIds: chosen,
    profileId: of?.profile_id ?? null,
    gate: of?.token_gate_amount ?? 0,
    record: of?.record ?? true,
  };
}

const NO_REFERENCE = '';

/** `active`: the ids of all active destinations. What is changed of a show says also what is taken away. */
export function wishOf(values: FormValues, active: readonly string[], changed?: Livestream): LivestreamWish {
  const destinations = { all: [...active], chosen: values.destinationIds, profile: [], none: [] }[values.where];
  const profile = values.where === 'profile' ? (values.profileId ?? NO_REFERENCE) : NO_REFERENCE;
  const wish: LivestreamWish = {
    title: values.title.trim(),
    description: values.description,
    visibility: values.visibility,
    token_gate_amount: Number(values.gate) || 0,
    record: values.record,
  };
  const when = fromField(values.when);
  // To the second as it was: the field knows minutes alone.
  if (when && values.when !== toField(changed?.scheduled_at)) wish.scheduled_at = when;
  if (values.stationId || changed) wish.station_id = values.stationId ?? NO_REFERENCE;
  if (profile) wish.profile_id = profile;
  else if (changed) Object.assign(wish, { profile_id: NO_REFERENCE, destination_ids: destinations });
  else wish.destination_ids = destinations;
  return wish;
}
