export default function MultistreamPage() {
  return null;
}
