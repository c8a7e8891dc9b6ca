import type Declared from '../../index.js';
import type { ProyectaOptions } from '../../index.js';
import { errorClasses } from './errors';
import { Proyecta } from './proyecta';

/** The class without its names for itself. */
type Bare = Omit<typeof Declared, 'Proyecta' | 'default'> & (new (options?: ProyectaOptions) => Declared);

// The declarations are generated and the class is written by hand: here the
// compiler holds the two together.
const bare: Bare = Object.assign(Proyecta, errorClasses);

// One class under every name by which a program may look for it.
export = Object.assign(bare, { Proyecta: bare, default: bare });
