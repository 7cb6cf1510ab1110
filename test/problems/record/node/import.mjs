import { nothing } from './throws.cjs';
