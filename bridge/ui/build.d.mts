export declare function buildPage(): Promise<void>
export declare function buildPageIfStale(): Promise<void>
