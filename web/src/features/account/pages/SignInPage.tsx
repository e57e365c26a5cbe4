import { Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { Failure, Loading } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useSubmit } from '@/shared/forms';
import { useSession, useSessionReady, useUser } from '@/shared/session/useSession';
import { account as text } from '@/text/en/account';
import { useRegistration } from '../api';
import { checks } from '../components/AccountFields';
import { homeOf, placeAfter } from '../next';

export default function SignInPage() {
  const session = useSession();
  const user = useUser();
  const ready = useSessionReady();
  const registration = useRegistration();
  const navigate = useNavigate();
  const { search } = useLocation();
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: { email: checks.email, password: (password) => (password ? null : text.needed('password')) },
  });
  const { submit, busy, failure } = useSubmit(form, ({ email, password }) => session.signIn(email.trim(), password));

  useEffect(() => {
    if (user) void navigate(placeAfter(search, homeOf(user.role)), { replace: true });
  }, [navigate, search, user]);

  const open = registration.data?.registration === 'open' || registration.data?.setupOpen;
  return (
    <Page title={text.signIn.title} width={400}>
      {!ready || user ? (
        <Loading height={280} />
      ) : (
        <Paper component="form" withBorder p="lg" noValidate onSubmit={submit}>
          <Stack gap="md">
            {failure !== undefined && <Failure error={failure} />}
            <TextInput label={text.email} type="email" autoComplete="username" autoFocus maxLength={254} {...form.getInputProps('email')} />
            <PasswordInput
              label={text.password}
              autoComplete="current-password"
              maxLength={256}
              visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
              {...form.getInputProps('password')}
            />
            <Button type="submit" loading={busy} fullWidth>{text.signIn.action}</Button>
            <Text c="dimmed" ta="center">
              {text.signIn.noAccount} <Anchor component={Link} to={`/sign-up${search}`} inherit underline="always">{open ? text.signIn.signUp : text.signIn.howToGet}</Anchor>
            </Text>
          </Stack>
        </Paper>
      )}
    </Page>
  );
}
