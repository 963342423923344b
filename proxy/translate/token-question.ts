/** What crosses to the counting thread and back. */
export interface TokenQuestion {
  id: number;
  texts: readonly string[];
}

export interface TokenAnswer {
  id: number;
  tokens: number;
}
