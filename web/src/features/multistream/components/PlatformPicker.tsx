import { PlatformMark } from '@/shared/components/PlatformMark';
import { multistream } from '@/text/en/multistream';
import type { Platform } from '../api';
import classes from './DestinationDialog.module.css';

export function PlatformPicker({ platforms, value, onChange }: { platforms: Platform[]; value: string; onChange: (to: Platform) => void }) {
  return (
    <fieldset className={classes.platforms}>
      <legend className={classes.legend}>{multistream.dialog.platform}</legend>
      {platforms.map((one) => (
        <label key={one.id} className={classes.platform}>
          <input type="radio" name="platform" value={one.id} checked={one.id === value} onChange={() => onChange(one)} />
          <PlatformMark platform={one.id} size={18} />
          <span>{one.name}</span>
        </label>
      ))}
    </fieldset>
  );
}
