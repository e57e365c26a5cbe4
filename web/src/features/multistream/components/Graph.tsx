// One line over the last five minutes. The graphs of a session share their time axis and the cursor on it. Loaded when it is
// first needed.
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { WINDOW_MS } from '../metrics';

export interface GraphProps {
  /** Graphs of the same name move their cursors together. */
  group: string;
  times: number[];
  values: (number | null)[];
  /** The right end of the axis, in seconds since 1970. */
  until: number;
  /** The top of the axis reaches at least here, so that nothing looks like something. */
  least: number;
  /** Which point is under the cursor; nothing when there is no cursor. */
  onPoint: (index: number | undefined) => void;
}

const HEIGHT = 36;

export default function Graph({ group, times, values, until, least, onPoint }: GraphProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef({ until, least, onPoint });
  latest.current = { until, least, onPoint };
  const scheme = useComputedColorScheme('dark');

  useEffect(() => {
    const element = place.current!;
    const style = getComputedStyle(element);
    const stroke = style.getPropertyValue('--mantine-primary-color-filled').trim() || '#5a65ef';
    const chart = new uPlot(
      {
        width: Math.max(1, element.clientWidth),
        height: HEIGHT,
        padding: [2, 0, 2, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: group, setSeries: false, scales: ['x', null] } },
        scales: {
          x: { time: true, range: () => [latest.current.until - WINDOW_MS / 1000, latest.current.until] },
          y: { range: (_, __, max) => [0, Math.max(latest.current.least, (max ?? 0) * 1.1)] },
        },
        axes: [{ show: false }, { show: false }],
        series: [{}, { stroke, width: 1.5, fill: `${stroke}26`, points: { show: false } }],
        hooks: { setCursor: [(chart) => latest.current.onPoint(chart.cursor.idx ?? undefined)] },
      },
      [times, values],
      element,
    );
    plot.current = chart;
    const resized = new ResizeObserver(() => chart.setSize({ width: Math.max(1, element.clientWidth), height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
    // The data comes by the effect below.
  }, [group, scheme]);

  useEffect(() => plot.current?.setData([times, values]), [times, values, until]);
  return <div ref={place} aria-hidden="true" />;
}
