// One destination in the list. Two hundred of these are on the page, so it is made of plain elements and drawn again only
// when it changed.
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { PlatformMark } from '@/shared/components/PlatformMark';
import { StatusMark } from '@/shared/components/StatusMark';
import { outputMark } from '@/shared/components/states';
import { formatDateTime, formatRelative } from '@/shared/format';
import { multistream } from '@/text/en/multistream';
import { explain, sentence, whoOf } from '../explain';
import type { Destination, SessionEndpoint } from '../patch';
import classes from './Destinations.module.css';
import { NextTry } from './NextTry';

export type RowAction = 'edit' | 'test' | 'delete' | 'switch';
interface Props {
  destination: Destination;
  /** Its part in what runs now. */
  endpoint: SessionEndpoint | undefined;
  platformName: string;
  keyHelp: string | null | undefined;
  onAction: (action: RowAction, destination: Destination) => void;
}

const words = multistream.row;

export const DestinationRow = memo(function DestinationRow({ destination, endpoint, platformName, keyHelp, onAction }: Props) {
  const { name, platform, isActive } = destination;
  const taking = endpoint !== undefined && !endpoint.skipped;
  return (
    <li className={classes.row} data-off={isActive ? undefined : true} data-destination={destination.id}>
      <span className={classes.mark}><PlatformMark platform={platform} size={22} /></span>
      <span className={classes.name}>
        <span className={classes.title} title={name}>{name}</span>
        <span className={`${classes.small} ${classes.cut}`}>
          {[platformName, destination.bridgeProxyUrl && words.bridge, destination.streamKeyMasked ? words.key(destination.streamKeyMasked) : words.noKey].filter(Boolean).join(' · ')}
        </span>
      </span>
      <span className={classes.state} aria-live="polite">
        <State destination={destination} endpoint={endpoint} platformName={platformName} keyHelp={keyHelp} />
      </span>
      <span className={`${classes.seen} ${classes.small}`}>
        {destination.lastConnectedAt ? (
          <>
            {words.lastConnected} <time dateTime={destination.lastConnectedAt} title={formatDateTime(destination.lastConnectedAt)}>{formatRelative(destination.lastConnectedAt)}</time>
          </>
        ) : words.never}
      </span>
      <span className={classes.acts}>
        <label className={classes.switch}>
          <input type="checkbox" role="switch" checked={isActive} aria-label={words.active(name)} onChange={() => onAction('switch', destination)} />
          <span aria-hidden="true">{isActive ? words.on : words.off}</span>
        </label>
        <button type="button" className={classes.button} aria-label={words.testOf(name)} disabled={taking} title={taking ? words.testLive : undefined} onClick={() => onAction('test', destination)}>{words.test}</button>
        <button type="button" className={classes.button} aria-label={words.editOf(name)} title={words.editOf(name)} onClick={() => onAction('edit', destination)}><IconPencil size={16} aria-hidden="true" /></button>
        <button type="button" className={classes.button} aria-label={words.deleteOf(name)} title={words.deleteOf(name)} onClick={() => onAction('delete', destination)}><IconTrash size={16} aria-hidden="true" /></button>
      </span>
    </li>
  );
});

function State({ destination, endpoint, platformName, keyHelp }: Omit<Props, 'onAction'>) {
  const status = endpoint?.status ?? destination.lastStatus;
  const lastError = endpoint ? endpoint.lastError : destination.lastError;
  const mark = <StatusMark {...outputMark(status)} />;
  if (endpoint?.skipped) return <>{mark}<span className={classes.why}>{words.skipped}: {sentence(endpoint.detail ?? '')}</span></>;
  if (endpoint && !endpoint.skipped) {
    if (endpoint.problem === 'waiting_for_encoder') return <>{mark}<span className={classes.small}>{words.waiting}</span></>;
    const told = explain(endpoint.problem, whoOf(destination.platform, destination.name, platformName, keyHelp));
    if (told) {
      return (
        <>
          {mark} <NextTry endpoint={endpoint} />
          <span className={classes.why} title={lastError ? words.said(sentence(lastError)) : undefined}>{told.what} {told.todo}</span>
        </>
      );
    }
  }
  const wrong = status === 'error' || (status === 'connecting' && lastError);
  return (
    <>
      {mark} {endpoint && <NextTry endpoint={endpoint} />}
      {destination.notReadyReason && <span className={classes.why}>{words.notReady(sentence(destination.notReadyReason))}</span>}
      {wrong && lastError && <span className={classes.why}>{sentence(lastError)} {!endpoint && words.useTest}</span>}
      {!wrong && lastError && <span className={classes.small}>{words.lastError(sentence(lastError))}</span>}
      {destination.advice.filter(({ severity }) => severity !== 'info').map(({ code, message }) => <span key={code} className={classes.small}>{message}</span>)}
    </>
  );
}
