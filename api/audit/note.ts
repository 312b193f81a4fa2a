/** What a call learns about the thing that it is about to change; filled where things are found anyway. */
export class AuditNote {
  applicationId: string | null = null;
  targetId: string | null = null;
  /** The thing as answers show it. Not made unless it is needed: most calls change nothing. */
  before: (() => object) | null = null;

  found(targetId: string, before: () => object): void {
    this.targetId = targetId;
    this.before = before;
  }
}
