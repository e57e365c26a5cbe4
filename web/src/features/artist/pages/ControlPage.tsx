export default function ControlPage() {
  return null;
}
