// The first run: from the setup code to an encoder that is seen.
import { Button, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { useRegistration } from '@/features/account/api';
import { Empty, Failure, Loading } from '@/shared/components/Feedback';
import { Page } from '@/shared/components/Page';
import { useSessionReady, useUser } from '@/shared/session/useSession';
import { common } from '@/text/en/common';
import { setup as text } from '@/text/en/setup';
import { useEncoder, useHasDestinations, useOwnStations } from '../api';
import { AccountStep } from '../components/AccountStep';
import { DestinationStep } from '../components/DestinationStep';
import { EncoderStep } from '../components/EncoderStep';
import { FreshServerNote } from '../components/FreshServerNote';
import { StationStep } from '../components/StationStep';
import { Steps } from '../components/Steps';
import { codeOf, stepOf, type Step } from '../steps';

// Only that a step was skipped, and by whom.
const SKIPPED = 'everycast.setup.skipped';

export default function SetupPage() {
  const code = useCode();
  const user = useUser();
  const ready = useSessionReady();
  const madeHere = useRef(false);
  if (ready && !user) madeHere.current = true;
  return (
    <Page title={text.title} width={640}>
      {!ready ? <Loading height={480} /> : user ? <OwnSteps userId={user.id} role={user.role} continued={madeHere.current} /> : <FirstAccount code={code} />}
    </Page>
  );
}

/** The code of the link, which is taken out of the address at once: addresses are remembered and shown around. */
function useCode(): string | undefined {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [code, setCode] = useState(() => codeOf(hash));
  useEffect(() => {
    const found = codeOf(hash);
    if (!found) return;
    setCode(found);
    void navigate({ hash: '' }, { replace: true });
  }, [hash, navigate]);
  return code;
}

function FirstAccount({ code }: { code: string | undefined }) {
  const registration = useRegistration();
  const [entering, setEntering] = useState(false);
  if (registration.isError) return <Failure error={registration.error} onRetry={() => void registration.refetch()} />;
  if (!registration.data) return <Loading height={480} />;
  if (!registration.data.setupOpen)
    return <Empty title={text.over.title} action={<Button component={Link} to="/sign-in?next=%2Fsetup">{text.over.action}</Button>}>{text.over.text}</Empty>;
  if (!code && !entering) return <FreshServerNote onEnter={() => setEntering(true)} />;
  return (
    <>
      <Text c="dimmed">{text.intro}</Text>
      <Steps now="account" finished={false} />
      <AccountStep key={code} code={code} />
    </>
  );
}

/** `continued`: the step before was taken on this page. */
function OwnSteps({ userId, role, continued }: { userId: string; role: string; continued: boolean }) {
  const stations = useOwnStations(role !== 'viewer');
  const destinations = useHasDestinations(userId);
  const [skipped, setSkipped] = useState(() => sessionStorage.getItem(SKIPPED) === userId);
  const known = stations.data !== undefined && destinations.data !== undefined;
  const step = known ? stepOf({ signedIn: true, stations: stations.data.length, destinations: destinations.data ? 1 : 0, skipped }) : undefined;
  const content = useRef<HTMLDivElement>(null);
  const before = useRef<Step | undefined>(continued ? 'account' : undefined);
  // The button that led here is gone: reading goes on at the new step.
  useEffect(() => {
    if (!step) return;
    if (before.current && before.current !== step) content.current?.focus();
    before.current = step;
  }, [step]);

  if (role === 'viewer') return <Empty title={common.notFoundTitle}>{common.forBroadcasters}</Empty>;
  for (const query of [stations, destinations]) if (query.isError) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (!step) return <Loading height={480} />;

  const station = stations.data?.[0];
  const skip = () => {
    sessionStorage.setItem(SKIPPED, userId);
    setSkipped(true);
  };
  return (
    <>
      {step === 'encoder' && station ? <StepsToEncoder stationId={station.id} skipped={destinations.data ? undefined : 'destination'} /> : <Steps now={step} finished={false} />}
      <div ref={content} tabIndex={-1} style={{ outline: 'none' }}>
        {step === 'station' && <StationStep />}
        {step === 'destination' && <DestinationStep onSkip={skip} />}
        {step === 'encoder' && station && <EncoderStep station={station} />}
      </div>
    </>
  );
}

function StepsToEncoder({ stationId, skipped }: { stationId: string; skipped: Step | undefined }) {
  const { data: ingest } = useEncoder(stationId);
  return <Steps now="encoder" finished={ingest?.connected === true} skipped={skipped} />;
}
