export default async function teardown() {
  await globalThis.proyectaPostgres?.stop();
  await globalThis.proyectaInstalled?.remove();
}
