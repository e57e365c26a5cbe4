// The look of a control room: calm and dense, one accent; red, yellow, green and black are the colours of states alone.
import { createTheme, rem, type MantineColorsTuple } from '@mantine/core';
import { common } from '@/text/en/common';

const accent: MantineColorsTuple = ['#eef0ff', '#dadeff', '#b4bbff', '#8c95fb', '#6c77f5', '#5a65ef', '#505cea', '#414cd0', '#3943bb', '#2f39a6'];
const dark: MantineColorsTuple = ['#d3d6dd', '#b4b9c4', '#8d94a3', '#5c6373', '#3b4150', '#2b303c', '#20242e', '#181b23', '#12151b', '#0c0e13'];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  colors: { accent, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: rem(24), lineHeight: '32px' }, h2: { fontSize: rem(18), lineHeight: '28px' }, h3: { fontSize: rem(15), lineHeight: '24px' } } },
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(14), lg: rem(16), xl: rem(20) },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: rem(4), sm: rem(8), md: rem(16), lg: rem(24), xl: rem(32) },
  radius: { xs: rem(2), sm: rem(4), md: rem(6), lg: rem(8), xl: rem(12) },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  autoContrast: true,
  // By their names: what is imported here is in every page's first load.
  components: {
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': common.close } } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': common.close } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': common.close } } },
  },
});
