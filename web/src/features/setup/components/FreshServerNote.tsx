// How to find the setup code, on a server where nobody has an account yet; elsewhere nothing.
import { Button, Code, Group, List, Stack, Title } from '@mantine/core';
import { Link } from 'react-router';
import { useRegistration } from '@/features/account/api';
import { Section } from '@/shared/components/Section';
import { setup } from '@/text/en/setup';
import classes from './FreshServerNote.module.css';

const text = setup.fresh;

/** `onEnter`: what the button does where the code is entered on the same page. */
export function FreshServerNote({ onEnter }: { onEnter?: () => void }) {
  const registration = useRegistration();
  if (!registration.data?.setupOpen) return null;
  return (
    <Section title={text.title} description={text.text}>
      <Stack gap="sm">
        <Title order={3}>{text.where}</Title>
        <List spacing="sm">
          {text.ways.map(({ how, command }) => (
            <List.Item key={how}>
              {how}
              {command && <div><Code className={classes.command}>{command}</Code></div>}
            </List.Item>
          ))}
        </List>
      </Stack>
      <Group>{onEnter ? <Button onClick={onEnter}>{text.action}</Button> : <Button component={Link} to="/setup">{text.action}</Button>}</Group>
    </Section>
  );
}
