// Which destinations: a checkbox each. Those that could not be tried are told, and why.
import { Button, Checkbox, Group, Text } from '@mantine/core';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { golive } from '@/text/en/golive';
import type { Destination } from '@/features/multistream/patch';
import classes from './GoLive.module.css';

interface Props {
  label: string;
  destinations: readonly Destination[];
  value: readonly string[];
  disabled?: boolean;
  onChange: (chosen: string[]) => void;
}

export function DestinationChoice({ label, destinations, value, disabled = false, onChange }: Props) {
  const chosen = new Set(value);
  const toggle = (id: string) => onChange(chosen.has(id) ? value.filter((one) => one !== id) : [...value, id]);
  return (
    <fieldset className={classes.choice} disabled={disabled}>
      <legend className={classes.legend}>
        <Group gap="sm" justify="space-between">
          <span>{label} <Text component="span" size="sm" c="dimmed">{golive.chosen(destinations.filter(({ id }) => chosen.has(id)).length, destinations.length)}</Text></span>
          {destinations.length > 2 && !disabled && (
            <Group gap={4}>
              <Button size="compact-xs" variant="subtle" onClick={() => onChange(destinations.map(({ id }) => id))}>{golive.all}</Button>
              <Button size="compact-xs" variant="subtle" onClick={() => onChange([])}>{golive.noneOfThem}</Button>
            </Group>
          )}
        </Group>
      </legend>
      <div className={classes.choices}>
        {destinations.length === 0 && <Text size="sm" c="dimmed">{golive.noDestinations}</Text>}
        {destinations.map((one) => (
          <Checkbox
            key={one.id}
            checked={chosen.has(one.id)}
            onChange={() => toggle(one.id)}
            label={<span className={classes.choiceLabel}><PlatformMark platform={one.platform} size={16} />{one.name}</span>}
            description={one.notReadyReason ?? undefined}
          />
        ))}
      </div>
    </fieldset>
  );
}
