/** Flags of `attain doctor`, as commander reads them. */
export type DoctorFlags = {
  /** Undefined: no picker is asked. */
  readonly picker: string | undefined;
  readonly gateway?: string;
  readonly model?: string;
  readonly extProcHost?: string;
  readonly configFile?: string;
  readonly objectivesFile?: string;
  readonly endpointsFile?: string;
  readonly envoyConfig?: string;
};
