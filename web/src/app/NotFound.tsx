import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { Empty } from '@/shared/components/Feedback';
import { usePageTitle } from '@/shared/components/Page';
import { common } from '@/text/en/common';

export default function NotFound() {
  usePageTitle(common.notFoundTitle);
  return (
    <Empty title={common.notFoundTitle} action={<Button component={Link} to="/" variant="default">{common.toHome}</Button>}>
      {common.notFoundText}
    </Empty>
  );
}
