// How to find the setup code, on a server where nobody has an account yet; elsewhere nothing.
import { Button, Code, Group, List, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useRegistration } from '@/features/account/api';
import { Section } from '@/shared/components/Section';
import { setup } from '@/text/en/setup';

const text = setup.fresh;

/** `action`: whether it leads to where the code is entered. */
export function FreshServerNote({ action = true }: { action?: boolean }) {
  const registration = useRegistration();
  if (!registration.data?.setupOpen) return null;
  return (
    <Section title={text.title} description={text.text}>
      <Stack gap="sm">
        <Text fw={500}>{text.where}</Text>
        <List spacing="sm" size="md" center={false}>
          {text.ways.map(({ how, command }) => (
            <List.Item key={how}>
              {how}
              {command && <Code block mt="xs">{command}</Code>}
            </List.Item>
          ))}
        </List>
      </Stack>
      {action && <Group><Button component={Link} to="/setup">{text.action}</Button></Group>}
    </Section>
  );
}
