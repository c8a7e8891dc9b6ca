export default () => globalThis.proyectaInstalled?.remove();
