/** What crosses to the counting thread and back. */
export interface TokenQuestion {
  texts: readonly string[];
}

export interface TokenAnswer {
  tokens: number;
}
