// Text to be copied, hidden at first when it is a secret.
import { ActionIcon, CopyButton, Group, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconEye, IconEyeOff } from '@tabler/icons-react';
import { useState } from 'react';
import { common } from '@/text/en/common';

interface Props {
  label: string;
  value: string;
  secret?: boolean;
  description?: string;
}

export function CopyField({ label, value, secret = false, description }: Props) {
  const [shown, setShown] = useState(!secret);
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <TextInput
        flex={1}
        label={label}
        description={description}
        // Dots of our own: a password field would have browsers offer to save it.
        value={shown ? value : '•'.repeat(Math.min(value.length, 32))}
        readOnly
        spellCheck={false}
        autoComplete="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        onFocus={(event) => shown && event.currentTarget.select()}
      />
      {secret && (
        <Tooltip label={shown ? common.hide : common.show}>
          <ActionIcon variant="default" size={36} aria-label={`${shown ? common.hide : common.show}: ${label}`} aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? <IconEyeOff size={16} /> : <IconEye size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? common.copied : common.copy}>
            <ActionIcon variant="default" size={36} aria-label={`${common.copy}: ${label}`} onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
