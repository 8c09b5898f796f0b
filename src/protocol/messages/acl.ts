/** Access control as the three ACL APIs say it. A pattern type of 3 is a literal name. */
import { int8, string } from '../schema.ts';

export const aclFilter = {
  resourceTypeFilter: int8(),
  resourceNameFilter: string({ nullable: 0 }),
  patternTypeFilter: int8({ since: 1, default: 3 }),
  principalFilter: string({ nullable: 0 }),
  hostFilter: string({ nullable: 0 }),
  operation: int8(),
  permissionType: int8(),
};

/** Who may do what from where. */
export const aclEntry = {
  principal: string(),
  host: string(),
  operation: int8(),
  permissionType: int8(),
};

/** What an entry is about. */
export const aclResource = {
  resourceType: int8(),
  resourceName: string(),
  patternType: int8({ since: 1, default: 3 }),
};
