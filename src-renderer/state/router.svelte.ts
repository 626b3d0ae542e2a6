/** @file Where the user is, followed from the address bar. */
import { href, parseLocation, type Location } from './location';

export class Router {
  location = $state.raw<Location>({ place: 'runs' });

  /** Follows the address bar; returns the way to stop. */
  listen(): () => void {
    const follow = () => {
      this.location = parseLocation(window.location.hash);
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }

  go(location: Location): void {
    window.location.hash = href(location);
  }
}
