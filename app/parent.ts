/**
 * Tells when the npm that runs this process is gone. Its shell may not pass a signal on (dash dies of SIGTERM alone), and
 * a service that nobody knows of would keep the port. Only under npm: a service that was started otherwise may outlive
 * who started it. On Windows a parent's end cannot be seen so.
 * @param gone is called once at most
 * @param parentOf tells the parent's process id now
 */
export function watchNpm(environment: NodeJS.ProcessEnv, gone: () => void, parentOf = () => process.ppid): void {
  if (environment.npm_lifecycle_event === undefined) return;
  const parent = parentOf();
  const timer = setInterval(() => {
    if (parentOf() === parent) return;
    clearInterval(timer);
    gone();
  }, 250);
  timer.unref();
}
