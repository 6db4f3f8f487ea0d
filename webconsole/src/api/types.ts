/** The API's types by the names that the console uses. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Command = Schemas["Command"];
export type CommandPage = Schemas["CommandPage"];
export type CommandStatus = Schemas["CommandStatus"];
export type Device = Schemas["Device"];
export type DeviceEvent = Schemas["Event"];
export type DeviceStatus = Schemas["DeviceStatus"];
export type EventPage = Schemas["EventPage"];
export type EventType = Schemas["EventType"];
export type EventUpdate = Schemas["EventUpdate"];
export type History = Schemas["History"];
export type Live = Schemas["Live"];
export type NewCommand = Schemas["NewCommand"];
export type NewRegistration = Schemas["NewRegistration"];
export type RegistrationStatus = Schemas["RegistrationStatus"];
export type Registration = Schemas["Registration"];
export type SolutionSetting = Schemas["SolutionSetting"];
export type Threshold = Schemas["Threshold"];
export type ThresholdUpdate = Schemas["ThresholdUpdate"];
export type UserSetting = Schemas["UserSetting"];
export type UserSettings = Schemas["UserSettings"];

export const EVENT_TYPES: readonly EventType[] = ["error", "warning", "info", "diagnostic"];
export const COMMAND_STATUSES: readonly CommandStatus[] = ["pending", "success", "failed"];
