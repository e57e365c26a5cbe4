// Pages for those who are signed in, who broadcast, who administer: others are led to sign in, or told why not.
import { useEffect, type ReactNode } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { Empty, Loading } from '@/shared/components/Feedback';
import { useSessionReady, useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';

export function For({ who, children }: { who: 'user' | 'broadcaster' | 'admin'; children: ReactNode }) {
  const user = useUser();
  const ready = useSessionReady();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const away = ready && !user;
  useEffect(() => {
    if (away) void navigate(`/sign-in?next=${encodeURIComponent(pathname + search)}`, { replace: true });
  }, [away, navigate, pathname, search]);
  if (!user) return <Loading />;
  if (who === 'admin' && user.role !== 'admin') return <Empty title={common.notFoundTitle}>{common.forAdmins}</Empty>;
  if (who === 'broadcaster' && user.role === 'viewer') return <Empty title={common.notFoundTitle}>{common.forBroadcasters}</Empty>;
  return children;
}
