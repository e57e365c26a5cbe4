import { Anchor, Button, Paper, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { FreshServerNote } from '@/features/setup/components/FreshServerNote';
import { Empty, Failure, Loading } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useSubmit } from '@/shared/forms';
import { useSession, useSessionReady, useUser } from '@/shared/session/useSession';
import { account as text } from '@/text/en/account';
import { useRegistration } from '../api';
import { AccountFields, checks, noAccount } from '../components/AccountFields';
import { homeOf, placeAfter } from '../next';

export default function SignUpPage() {
  const user = useUser();
  const ready = useSessionReady();
  const registration = useRegistration();
  const navigate = useNavigate();
  const { search } = useLocation();

  useEffect(() => {
    if (user) void navigate(placeAfter(search, homeOf(user.role)), { replace: true });
  }, [navigate, search, user]);

  const signIn = <Anchor component={Link} to={`/sign-in${search}`} inherit underline="always">{text.signUp.signIn}</Anchor>;
  const content = () => {
    if (registration.isError) return <Failure error={registration.error} onRetry={() => void registration.refetch()} />;
    if (!ready || user || !registration.data) return <Loading height={360} />;
    if (registration.data.setupOpen) return <FreshServerNote />;
    if (registration.data.registration === 'open') return <SignUpForm />;
    return <Empty title={text.signUp.closedTitle}>{text.signUp.closedText}</Empty>;
  };
  return (
    <Page title={text.signUp.title} width={480}>
      {content()}
      {ready && !user && <Text c="dimmed" ta="center">{text.signUp.haveAccount} {signIn}</Text>}
    </Page>
  );
}

function SignUpForm() {
  const session = useSession();
  const form = useForm({ initialValues: noAccount, validate: checks });
  const { submit, busy, failure } = useSubmit(form, ({ name, email, password }) => session.register({ name: name.trim(), email: email.trim(), password }));
  return (
    <Paper component="form" withBorder p="lg" noValidate onSubmit={submit}>
      <Stack gap="md">
        {failure !== undefined && <Failure error={failure} />}
        <AccountFields form={form} />
        <Button type="submit" loading={busy} fullWidth>{text.signUp.action}</Button>
      </Stack>
    </Paper>
  );
}
