// A platform's own mark, in its shape and the text's colour: colours belong to states.
import { siFacebook, siInstagram, siKick, siTiktok, siTwitch, siX, siYoutube, siCloudflare } from 'simple-icons';
import { IconBroadcast, IconBrandLinkedin } from '@tabler/icons-react';

const MARKS: Record<string, { path: string }> = {
  youtube: siYoutube,
  twitch: siTwitch,
  facebook: siFacebook,
  kick: siKick,
  instagram: siInstagram,
  tiktok: siTiktok,
  x: siX,
  cloudflare: siCloudflare,
};

export function PlatformMark({ platform, size = 20 }: { platform: string; size?: number }) {
  if (platform === 'linkedin') return <IconBrandLinkedin size={size} aria-hidden="true" />;
  const mark = MARKS[platform];
  if (!mark) return <IconBroadcast size={size} aria-hidden="true" />;
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      <path d={mark.path} />
    </svg>
  );
}
