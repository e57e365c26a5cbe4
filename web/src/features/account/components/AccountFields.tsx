// What an account is made of, wherever one is made: name, e-mail, password.
import { PasswordInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { account as text } from '@/text/en/account';

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}
export const MIN_PASSWORD = 10;
export const noAccount: NewAccount = { name: '', email: '', password: '' };

export const checks = {
  name: (name: string) => (name.trim() ? null : text.needed('name')),
  email: (email: string) => (/^\S+@\S+$/.test(email.trim()) ? null : text.emailWrong),
  password: (password: string) => ([...password].length >= MIN_PASSWORD ? null : text.passwordShort),
};

export function AccountFields<Values extends NewAccount>({ form, own = true }: { form: UseFormReturnType<Values>; own?: boolean }) {
  return (
    <>
      <TextInput label={text.name} description={own ? text.signUp.nameHelp : undefined} autoComplete={own ? 'name' : 'off'} maxLength={100} required withAsterisk={false} {...form.getInputProps('name')} />
      <TextInput label={text.email} type="email" autoComplete={own ? 'email' : 'off'} maxLength={254} required withAsterisk={false} {...form.getInputProps('email')} />
      <PasswordInput
        label={text.password}
        description={text.passwordRule}
        autoComplete="new-password"
        maxLength={256}
        required
        withAsterisk={false}
        visibilityToggleButtonProps={{ 'aria-label': text.showPassword, tabIndex: 0 }}
        {...form.getInputProps('password')}
      />
    </>
  );
}
