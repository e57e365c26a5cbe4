import { Button } from '@mantine/core';
import { useRouteError } from 'react-router';
import { Empty } from '@/shared/components/Feedback';
import { common } from '@/text/en/common';

// A page of an older build names files that a newer server does not have any more: one reload brings the new ones.
const RELOADED = 'everycast.reloaded';

export function Crash() {
  const error = useRouteError();
  if (error instanceof TypeError && /dynamically imported module|module script/i.test(error.message) && !sessionStorage.getItem(RELOADED)) {
    sessionStorage.setItem(RELOADED, '1');
    location.reload();
    return null;
  }
  return <Empty title={common.failedTitle} action={<Button variant="default" onClick={() => location.reload()}>{common.retry}</Button>}>{common.crashed}</Empty>;
}
