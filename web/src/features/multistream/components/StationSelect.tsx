import { Select } from '@mantine/core';
import { useOwnStations } from '@/features/golive/api';

interface Props {
  label: string;
  none: string;
  value: string;
  error?: string;
  onChange: (stationId: string) => void;
}

export function StationSelect({ label, none, value, error, onChange }: Props) {
  const stations = useOwnStations();
  return (
    <Select
      label={label}
      data={[{ value: '', label: none }, ...(stations.data ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
      value={value}
      error={error}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}
