import { formatCount } from '@/shared/format';

export const browse = {
  homeTitle: 'On now',
  liveNow: 'Live now',
  nothingLive: 'Nothing is live right now',
  nothingLiveText: 'What comes next stands below. This page changes by itself when a show begins.',
  next: 'Next',
  nothingNext: 'No show has been announced yet.',
  all: 'All shows',
  browseTitle: 'Shows',
  filter: 'Which shows',
  filters: { live: 'Live', upcoming: 'Upcoming', past: 'Past', all: 'All' },
  emptyTitle: { live: 'Nothing is live right now', upcoming: 'No show has been announced', past: 'No show has ended yet', all: 'There are no shows yet' },
  emptyText: 'This page changes by itself as soon as there is one.',
  morePast: 'Look further back',
  viewers: (count: number) => `${formatCount(count)} ${count === 1 ? 'viewer' : 'viewers'}`,
  started: 'began',
  gated: 'Token holders',
  noTime: 'No time set yet',
  schedule: 'Schedule a show',
  status: { scheduled: 'Scheduled', live: 'LIVE', ended: 'Ended', archived: 'Archived', cancelled: 'Cancelled' },
  pictureOf: (title: string) => `Picture of ${title}`,
};
