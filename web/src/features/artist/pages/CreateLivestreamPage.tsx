export default function CreateLivestreamPage() {
  return null;
}
